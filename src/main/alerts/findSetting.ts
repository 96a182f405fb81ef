import { referredVariable } from '../configuration/secretReference.ts'
import type { Environment } from './channel.ts'

export type Found = { readonly value: string } | { readonly problem: string }

/** What a setting stands for at this moment: itself, or what the variable holds that it names. No problem tells any value. */
export function findSetting(name: string, setting: string, environment: Environment): Found {
  const variable = referredVariable(setting)
  if (variable === null) return { value: setting }
  const value = Object.hasOwn(environment, variable) ? environment[variable] : undefined
  if (value) return { value }
  return { problem: `${name} refers to the environment variable ${variable}, which is not set: set it and start the room again` }
}

/** The same for what may stand nowhere in the clear. */
export function findSecret(name: string, setting: string, environment: Environment): Found {
  if (referredVariable(setting) !== null) return findSetting(name, setting, environment)
  return { problem: `${name} must be a reference such as env:NAME to the environment variable that holds the secret` }
}
