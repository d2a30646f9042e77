"""Evaluates expressions of the condition language with CPython: one JSON object a line in, one line out."""
import ast
import json
import resource
import sys

FUNCTIONS = {f.__name__: f for f in (len, str, int, float, bool, min, max, sum, abs, any, all, round)}


def modulo(left, right):
    # The language has no formatting of texts: the one operator that is taken away.
    if isinstance(left, str):
        raise TypeError("no formatting")
    return left % right


class WithoutFormatting(ast.NodeTransformer):
    def visit_BinOp(self, node):
        self.generic_visit(node)
        if isinstance(node.op, ast.Mod):
            return ast.Call(ast.Name("_modulo", ast.Load()), [node.left, node.right], [])
        return node


def main():
    # A text repeated ten milliards of times is refused by running out of memory, not by taking the machine down.
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    for line in sys.stdin:
        task = json.loads(line)
        try:
            tree = ast.fix_missing_locations(WithoutFormatting().visit(ast.parse(task["text"].strip(), mode="eval")))
            scope = {"__builtins__": {}, "_modulo": modulo, **FUNCTIONS}
            value = eval(compile(tree, "condition", "eval"), scope, task["names"])
            if isinstance(value, complex):
                raise TypeError("complex")
            print(json.dumps([type(value).__name__, repr(value)]))
        except Exception as error:
            print(json.dumps(["refused", type(error).__name__]))


main()
