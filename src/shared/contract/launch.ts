import { z } from 'zod'
import { LaunchPlan } from '../domain/agent.ts'
import { Millis } from '../domain/units.ts'
import { LARGEST_UPLOAD_BYTES } from '../domain/uploadLimit.ts'
import { LaunchRequest } from './agents.ts'
import { command } from './define.ts'

/** Where a setting's value came from, in falling order of precedence. */
export const Origin = z.enum(['flag', 'environment', 'agent file', 'user settings', 'default'])
export type Origin = z.infer<typeof Origin>

export const ExplainedSetting = z.object({
  key: z.string(),
  value: z.json(),
  origin: Origin,
  /** The file, variable or flag that said so; null for a default. */
  source: z.string().nullable(),
  /** One line on what the setting does. */
  summary: z.string(),
})
export type ExplainedSetting = z.infer<typeof ExplainedSetting>

/** What somebody chose on the launch card; what is left out comes from configuration. */
export const LaunchChoices = LaunchRequest.pick({
  args: true,
  interpreter: true,
  workingDirectory: true,
  budget: true,
  provider: true,
  atLimit: true,
  safetyMode: true,
  environment: true,
  restart: true,
})
export type LaunchChoices = z.infer<typeof LaunchChoices>

/** The same in base64, with room for the names. */
const LARGEST_UPLOAD_BODY_BYTES = Math.ceil((LARGEST_UPLOAD_BYTES * 4) / 3) + 100_000

export const launchCommands = {
  'launch.inspect': command({
    summary: 'Tells what would run, without running it.',
    least: 'admin',
    http: 'POST /launch/inspect',
    input: LaunchRequest,
    output: z.object({ plan: LaunchPlan, settings: z.array(ExplainedSetting) }),
  }),
  'launch.recent': command({
    summary: 'Lists the scripts started last, newest first.',
    least: 'admin',
    http: 'GET /launch/recent',
    input: z.strictObject({}),
    output: z.object({
      scripts: z.array(z.object({ script: z.string(), name: z.string(), lastStartedAt: Millis, exists: z.boolean() })),
    }),
  }),
  'launch.remembered': command({
    summary: 'Gives what was chosen when a script was last started from the launch card.',
    least: 'admin',
    http: 'GET /launch/choices',
    input: z.strictObject({ script: z.string().min(1) }),
    output: z.object({ choices: LaunchChoices }),
  }),
  'launch.remember': command({
    summary: 'Remembers what was chosen for a recent script, in place of what was chosen before; nothing private.',
    least: 'admin',
    http: 'PUT /launch/choices',
    input: z.strictObject({ script: z.string().min(1), choices: LaunchChoices }),
    output: z.object({}),
  }),
  'launch.upload': command({
    summary: 'Takes dropped files into a new workspace folder and names the script to run.',
    least: 'admin',
    http: 'POST /launch/upload',
    largestBodyBytes: LARGEST_UPLOAD_BODY_BYTES,
    input: z.strictObject({
      files: z
        .array(
          z.strictObject({
            /** A bare file name: no folder, no drive, no dots alone. */
            name: z
              .string()
              .max(200)
              .regex(/^(?!\.{1,2}$)[^/\\\0]+$/, 'expected a plain file name'),
            contentBase64: z.base64(),
          }),
        )
        .min(1)
        .max(50),
    }),
    output: z.object({ script: z.string() }),
  }),
  'configuration.explain': command({
    summary: 'Prints every setting with its value and where it came from.',
    least: 'admin',
    http: 'GET /configuration',
    input: z.strictObject({}),
    output: z.object({ settings: z.array(ExplainedSetting) }),
  }),
}
