import { foundation } from './v1Foundation.ts'
import { gateway } from './v2Gateway.ts'
import { safety } from './v3Safety.ts'
import { sealedPlans } from './v4SealedPlans.ts'
import { secrets } from './v5Secrets.ts'
import { accounts } from './v6Accounts.ts'
import { stage } from './v7Stage.ts'
import { services } from './v8Services.ts'
import { launchChoices } from './v9LaunchChoices.ts'
import type { Migration } from './migration.ts'

/** In order, without a hole: a migration's version is its place in this list, from 1 on. */
export const migrations: readonly Migration[] = [foundation, gateway, safety, sealedPlans, secrets, accounts, stage, services, launchChoices]
