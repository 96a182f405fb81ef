/**
 * What happens to a shared budget happens in one of these, each of them at once for everybody. Names are made of a prefix that has the
 * server's run in it: one that has forgotten something since is another run, and knows nothing of what stands under the old name.
 *
 * PREFIX:budget:ID is a hash of limit, spent, reserved, settles and openAt; PREFIX:holds:INSTANCE a hash from "ID CALL ATTEMPT" to an amount;
 * PREFIX:instances a sorted set of instances by the end of their lease. Times are the server's. Amounts stay below 2^53, which Lua counts exactly.
 */
const COMMON = `
local prefix = KEYS[1]
local function now() local t = redis.call('TIME'); return t[1] * 1000 + math.floor(t[2] / 1000) end
local function budgetKey(id) return prefix .. ':budget:' .. id end
local function holdsKey(instance) return prefix .. ':holds:' .. instance end
local instances = prefix .. ':instances'
local function isAlive(instance) local ends = redis.call('ZSCORE', instances, instance); return ends and tonumber(ends) > now() end
local function number(key, field) return tonumber(redis.call('HGET', key, field) or '0') end
local function keep(key) redis.call('PEXPIRE', key, 86400000) end
-- HINCRBY takes no "-0".
local function giveBack(budget, amount) if tonumber(amount) ~= 0 then redis.call('HINCRBY', budget, 'reserved', '-' .. amount) end end
local function release(instance)
  local holds = redis.call('HGETALL', holdsKey(instance))
  for i = 1, #holds, 2 do
    local budget = budgetKey(string.match(holds[i], '^(%S+) '))
    if redis.call('EXISTS', budget) == 1 then giveBack(budget, holds[i + 1]) end
  end
  redis.call('DEL', holdsKey(instance))
  redis.call('ZREM', instances, instance)
  return #holds / 2
end
`

export const SCRIPTS = {
  /**
   * instance, leaseMs, then the budgets that it uses: goes on living, and what is used is not forgotten, however long no call was made.
   * 0 where its lease has ended and what it held was, or could have been, given away.
   */
  renew: `${COMMON}
    local instance, lease = ARGV[1], ARGV[2]
    if not isAlive(instance) then return 0 end
    redis.call('ZADD', instances, now() + lease, instance)
    keep(instances)
    keep(holdsKey(instance))
    for i = 3, #ARGV do keep(budgetKey(ARGV[i])) end
    return 1`,

  /** instance, leaseMs, then pairs of hold and amount: begins anew with just what it holds. */
  join: `${COMMON}
    local instance, lease = ARGV[1], ARGV[2]
    release(instance)
    redis.call('ZADD', instances, now() + lease, instance)
    keep(instances)
    for i = 3, #ARGV, 2 do
      local budget = budgetKey(string.match(ARGV[i], '^(%S+) '))
      if redis.call('EXISTS', budget) == 1 then
        redis.call('HSET', holdsKey(instance), ARGV[i], ARGV[i + 1])
        redis.call('HINCRBY', budget, 'reserved', ARGV[i + 1])
      end
    end
    keep(holdsKey(instance))
    return 1`,

  /** Gives back what dead instances held; how many holds that were. */
  reap: `${COMMON}
    local released = 0
    for _, instance in ipairs(redis.call('ZRANGEBYSCORE', instances, '-inf', now())) do released = released + release(instance) end
    return released`,

  leave: `${COMMON} return release(ARGV[1])`,

  /** id, limit, spent, pauseMs: where it is not known yet; after the pause everybody who lives has said what he holds of it. */
  declare: `${COMMON}
    local budget = budgetKey(ARGV[1])
    if redis.call('EXISTS', budget) == 1 then return 0 end
    redis.call('HSET', budget, 'limit', ARGV[2], 'spent', ARGV[3], 'reserved', 0, 'openAt', string.format('%.0f', now() + ARGV[4]))
    keep(budget)
    return 1`,

  /** id, limit: another one, as somebody has set it. */
  limit: `${COMMON}
    local budget = budgetKey(ARGV[1])
    if redis.call('EXISTS', budget) == 0 then return 0 end
    redis.call('HSET', budget, 'limit', ARGV[2])
    return 1`,

  raise: `${COMMON}
    local budget = budgetKey(ARGV[1])
    if redis.call('EXISTS', budget) == 0 then return 0 end
    redis.call('HINCRBY', budget, 'limit', ARGV[2])
    return 1`,

  /** instance, id, hold, amount. Asked twice, it is held once. */
  reserve: `${COMMON}
    local instance, budget, hold, amount = ARGV[1], budgetKey(ARGV[2]), ARGV[3], tonumber(ARGV[4])
    if not isAlive(instance) then return { 'lapsed' } end
    if redis.call('EXISTS', budget) == 0 then return { 'unknown' } end
    if redis.call('HEXISTS', holdsKey(instance), hold) == 1 then return { 'held' } end
    local limit, spent, reserved = number(budget, 'limit'), number(budget, 'spent'), number(budget, 'reserved')
    if number(budget, 'openAt') > now() then return { 'settling' } end
    if spent + reserved + amount > limit then return { 'exceeded', limit, spent, reserved } end
    redis.call('HINCRBY', budget, 'reserved', ARGV[4])
    redis.call('HSET', holdsKey(instance), hold, ARGV[4])
    keep(budget)
    keep(holdsKey(instance))
    return { 'held' }`,

  /** instance, id, hold, charged. Asked twice, it is charged once; what is not held any more is charged all the same. */
  settle: `${COMMON}
    local instance, budget, hold = ARGV[1], budgetKey(ARGV[2]), ARGV[3]
    if redis.call('EXISTS', budget) == 0 then return 'unknown' end
    if not redis.call('SET', prefix .. ':settled:' .. hold, 1, 'NX', 'PX', 86400000) then return 'charged' end
    local held = redis.call('HGET', holdsKey(instance), hold)
    if held then
      redis.call('HDEL', holdsKey(instance), hold)
      giveBack(budget, held)
    end
    redis.call('HINCRBY', budget, 'spent', ARGV[4])
    redis.call('HINCRBY', budget, 'settles', 1)
    return 'charged'`,

  /** id, spent, settles: what the ledger says, unless somebody has settled since it was asked. */
  learn: `${COMMON}
    local budget = budgetKey(ARGV[1])
    if number(budget, 'settles') ~= tonumber(ARGV[3]) then return 0 end
    if tonumber(ARGV[2]) > number(budget, 'spent') then redis.call('HSET', budget, 'spent', ARGV[2]) end
    return 1`,

  totals: `${COMMON}
    local budget = budgetKey(ARGV[1])
    if redis.call('EXISTS', budget) == 0 then return {} end
    return { number(budget, 'limit'), number(budget, 'spent'), number(budget, 'reserved'), number(budget, 'settles') }`,
} as const

export type ScriptName = keyof typeof SCRIPTS
