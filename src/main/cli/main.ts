#!/usr/bin/env node
import { runCommandLine } from './run.ts'

process.exit(await runCommandLine({ argv: process.argv.slice(2), process }))
