import { resolve } from 'node:path'
import type { LaunchRequest } from '../../shared/contract/agents.ts'
import type { SafetyPlan } from '../../shared/domain/safetyRules.ts'
import type { Resolved } from './resolvedSettings.ts'

/** What the settings say of an agent's safety; relative paths start in the folder of the file that names them. */
export function planSafety({ values, decidedBy }: Resolved, baseFolder: string): SafetyPlan {
  const folder = decidedBy('allowed_paths')?.folder ?? baseFolder
  return {
    rules: {
      mode: values.safety_mode,
      types: values.safety_types,
      directions: values.safety_directions,
      unauthorised: values.unauthorised,
      injection: values.injection,
    },
    permissions: {
      models: values.allowed_models,
      tools: values.allowed_tools,
      hosts: values.allowed_hosts,
      paths: values.allowed_paths?.map((path) => resolve(folder, path)) ?? null,
    },
    notPrivate: values.not_private,
  }
}

type SafetyRequest = Pick<
  LaunchRequest,
  | 'safetyMode'
  | 'safetyTypes'
  | 'safetyDirections'
  | 'unauthorised'
  | 'injection'
  | 'allowedModels'
  | 'allowedTools'
  | 'allowedHosts'
  | 'allowedPaths'
  | 'notPrivate'
>

/** The request that leads to this very plan again. */
export function safetyRequest({ rules, permissions, notPrivate }: SafetyPlan): SafetyRequest {
  return {
    safetyMode: rules.mode ?? undefined,
    safetyTypes: rules.types,
    safetyDirections: rules.directions,
    unauthorised: rules.unauthorised ?? undefined,
    injection: rules.injection ?? undefined,
    allowedModels: permissions.models,
    allowedTools: permissions.tools,
    allowedHosts: permissions.hosts,
    allowedPaths: permissions.paths,
    notPrivate,
  }
}
