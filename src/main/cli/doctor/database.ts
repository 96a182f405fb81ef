import { AppError } from '../../../shared/errors.ts'
import { migrations } from '../../state/migrations/all.ts'
import { examineDatabase } from '../../state/openDatabase.ts'
import { addressIn, REDIS_URL, requireShareable } from '../../state/openRoomState.ts'
import { findInstance } from '../../state/ownership.ts'
import { examinePostgres } from '../../state/postgres/examinePostgres.ts'
import { examineRedis } from '../../state/redis/examineRedis.ts'
import type { Check, Finding } from './finding.ts'

const BUSY_MS = 1_000

export const checkDatabase: Check = async ({ dataFolder, environment }) => {
  try {
    const url = addressIn(environment)
    const redis = addressIn(environment, REDIS_URL)
    if (redis !== null) requireShareable(redis, url)
    if (url !== null) return await lookAtServers(url, redis)
    const instance = findInstance(dataFolder)
    const isThere = examineDatabase({ dataFolder, migrations, busyTimeoutMs: BUSY_MS })
    if (!isThere) return finding('ok', 'none yet; it will be made at the first start', null)
    const user = instance === null ? '' : `, in use by the control room with process id ${instance.pid ?? 'unknown'}`
    return finding('ok', `whole and up to date, or able to be brought there${user}`, null)
  } catch (problem) {
    if (!(problem instanceof AppError)) throw problem
    const [what = '', ...advice] = problem.message.split(/: (?=\S+ )/)
    return finding('problem', what, advice.length > 0 ? sentence(advice.join(': ')) : 'See the message.')
  }
}

async function lookAtServers(url: string, redis: string | null): Promise<Finding> {
  const { where: database, isThere, isInUse } = await examinePostgres(url)
  const where = redis === null ? database : `${database}, shared over Redis at ${await examineRedis(redis)},`
  if (!isThere) return finding('ok', `${where} is reached, and has nothing of ours yet; it will be made at the first start`, null)
  return finding('ok', `${where} is reached and up to date, or able to be brought there${isInUse ? ', in use by a control room' : ''}`, null)
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function finding(state: Finding['state'], message: string, advice: string | null): Finding {
  return { name: 'Database', state, message, advice }
}
