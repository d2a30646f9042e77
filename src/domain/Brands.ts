// The nominal types of Annalist: values that look alike and must not be mixed.

import { Brand } from "effect"

/** Place of an event in the log: 1 for the first, then dense. 0 stands for "before everything". */
export type Position = number & Brand.Brand<"Position">
export const Position = Brand.nominal<Position>()

/** The id of a managed process; it survives restarts, a pid does not. */
export type ProcessId = string & Brand.Brand<"ProcessId">
export const ProcessId = Brand.nominal<ProcessId>()

/** What the kernel calls a process, for as long as it lives. */
export type Pid = number & Brand.Brand<"Pid">
export const Pid = Brand.nominal<Pid>()

/** Makes a command's retry harmless: the log appends the events of one command id once. */
export type CommandId = string & Brand.Brand<"CommandId">
export const CommandId = Brand.nominal<CommandId>()

/** One run of a distributed job, as its reporters name it. */
export type RunId = string & Brand.Brand<"RunId">
export const RunId = Brand.nominal<RunId>()
