#!/usr/bin/env node
/** The program's first module: what is loaded after `keepCompiled` is kept, and nothing heavy may be loaded before. */
import { keepCompiled } from "./compile-cache.ts";

keepCompiled(process.env);
const { runProgram } = await import("./program/program.ts");
await runProgram();
