import { messageOf } from '../../../shared/errors.ts'
import { findApplication } from '../../application.ts'
import { createPrograms } from '../../configuration/programs.ts'
import type { Command } from '../context.ts'
import { checkAlerts } from '../doctor/alerts.ts'
import { checkDataFolder } from '../doctor/dataFolder.ts'
import { checkDatabase } from '../doctor/database.ts'
import { checkDisk } from '../doctor/disk.ts'
import { checkDisplay } from '../doctor/display.ts'
import { checkElectron } from '../doctor/electron.ts'
import type { Check, Finding, Patient } from '../doctor/finding.ts'
import { checkKeyring } from '../doctor/keyring.ts'
import { checkMasterKey } from '../doctor/masterKey.ts'
import { checkModels } from '../doctor/models.ts'
import { checkNode } from '../doctor/node.ts'
import { checkPort } from '../doctor/port.ts'
import { checkPrices } from '../doctor/prices.ts'
import { checkPython } from '../doctor/python.ts'
import { createTerminalCheck } from '../doctor/terminal.ts'
import { exitCode } from '../exitCodes.ts'

const CHECKS: Record<string, Check> = {
  'Node.js': checkNode,
  Python: checkPython,
  Terminal: createTerminalCheck(),
  'Data folder': checkDataFolder,
  Database: checkDatabase,
  Disk: checkDisk,
  Port: checkPort,
  Keyring: checkKeyring,
  'Master key': checkMasterKey,
  Electron: checkElectron,
  Display: checkDisplay,
  LLM: checkModels,
  Prices: checkPrices,
  Alerts: checkAlerts,
}

export const doctor: Command = async ({ line, environment, platform, dataFolder, planner, settings, screen }) => {
  const programs = createPrograms(environment, platform)
  const applicationFolder = findApplication().folder
  const patient: Patient = { environment, platform, dataFolder, applicationFolder, settings, agentSettings: () => planner.explain(), programs }
  const findings = await Promise.all(Object.entries(CHECKS).map(([name, check]) => examine(name, check, patient)))
  await screen.out(line.options.json ? `${JSON.stringify(findings, null, 2)}\n` : findings.map(toText).join(''))
  return findings.some(({ state }) => state === 'problem') ? exitCode('problems') : exitCode('done')
}

/** A check that fails itself is a finding too; the others go on. */
async function examine(name: string, check: Check, patient: Patient): Promise<Finding> {
  try {
    return await check(patient)
  } catch (problem) {
    const detail = messageOf(problem)
    return { name, state: 'problem', message: `this could not be checked (${detail})`, advice: 'Please report it.' }
  }
}

function toText({ name, state, message, advice }: Finding): string {
  const first = `${state.padEnd(8)} ${name.padEnd(12)} ${message}\n`
  return advice === null ? first : `${first}${' '.repeat(22)}→ ${advice}\n`
}
