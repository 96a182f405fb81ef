import { samplePlan } from '../../shared/domain/testAgents.ts'
import { describe, expect, it } from 'vitest'
import type { ExplainedSetting } from '../../shared/contract/launch.ts'
import { asLastTime, choicesOf, editsOf, originOf, plannedText, toLaunchRequest } from './launchDraft.ts'

describe('a launch request', () => {
  it('asks only for what was typed', () => {
    expect(toLaunchRequest('/a.py', {})).toEqual({ script: '/a.py' })
    expect(toLaunchRequest('/a.py', { budget: '$50', safetyMode: 'block' })).toEqual({ script: '/a.py', budget: '$50', safetyMode: 'block' })
  })

  it('asks for a provider and for what happens at the limit', () => {
    expect(toLaunchRequest('/a.py', { provider: 'live', atLimit: 'end' })).toEqual({ script: '/a.py', provider: 'live', atLimit: 'end' })
    expect(toLaunchRequest('/a.py', { atLimit: '' })).toEqual({ script: '/a.py' })
  })

  it('leaves an emptied field to configuration', () => {
    expect(toLaunchRequest('/a.py', { budget: ' ', interpreter: '', args: '' })).toEqual({ script: '/a.py' })
  })

  it('hands arguments on one by one', () => {
    expect(toLaunchRequest('/a.py', { args: '--name "Ada L" 5' })).toEqual({ script: '/a.py', args: ['--name', 'Ada L', '5'] })
  })
})

describe('what is remembered of a launch', () => {
  it('is what was chosen and nothing else, and is read back as it was typed', () => {
    const edits = { budget: '$50', environment: 'staging', args: '--name "Ada L"', atLimit: '', interpreter: ' ' }
    expect(choicesOf(edits)).toEqual({ budget: '$50', environment: 'staging', args: ['--name', 'Ada L'] })
    expect(editsOf(choicesOf(edits))).toEqual({ budget: '$50', environment: 'staging', args: '--name "Ada L"' })
    expect(choicesOf({})).toEqual({})
    expect(editsOf({ atLimit: null, safetyMode: 'block' })).toEqual({ safetyMode: 'block' })
  })

  it('is told apart from what is set here, until it is changed or emptied', () => {
    const remembered = { budget: '50', environment: 'staging', restart: 'never' }
    const edits = { budget: '50', environment: 'production', restart: '', safetyMode: 'block' }
    expect(asLastTime(edits, remembered)).toEqual(['budget'])
    expect(originOf('budget', edits, [], remembered)).toBe('as last time')
    expect(originOf('environment', edits, [], remembered)).toBe('set here')
    expect(originOf('restart', edits, [], remembered)).toBeNull()
  })
})

describe('what the card shows', () => {
  it('writes the plan as one would type it', () => {
    const plan = samplePlan({ budget: 12_500_000_000, args: ['--name', 'Ada L'] })
    expect(plannedText(plan, 'budget')).toBe('12.50')
    expect(plannedText(plan, 'interpreter')).toBe('/usr/bin/python3')
    expect(plannedText(plan, 'args')).toBe('--name "Ada L"')
    expect(plannedText(plan, 'restart')).toBe('on-failure')
    expect(plannedText(plan, 'provider')).toBe('simulated')
    expect(plannedText(plan, 'atLimit')).toBe('')
    expect(plannedText(samplePlan({ atLimit: 'end' }), 'atLimit')).toBe('end')
  })

  it('names no interpreter for what runs by itself', () => {
    expect(plannedText(samplePlan({ interpreter: 'executable', command: ['/bin/agent'] }), 'interpreter')).toBe('')
  })

  it('says where a value comes from', () => {
    const setting = (key: string, changes: Partial<ExplainedSetting>): ExplainedSetting => ({
      key,
      value: 'x',
      origin: 'default',
      source: null,
      summary: '',
      ...changes,
    })
    const settings = [
      setting('budget', { origin: 'agent file', source: '/invented/agents/iron_cage.yaml' }),
      setting('env', { origin: 'environment', source: 'IRON_CAGE_ENV' }),
      setting('safety_mode', {}),
      setting('restart', { origin: 'user settings' }),
    ]
    expect(originOf('budget', {}, settings)).toBe('from iron_cage.yaml')
    expect(originOf('environment', {}, settings)).toBe('from IRON_CAGE_ENV')
    expect(originOf('safetyMode', {}, settings)).toBe('default')
    expect(originOf('restart', {}, settings)).toBe('from the user settings')
    expect(originOf('budget', { budget: '5' }, settings)).toBe('set here')
    expect(originOf('budget', { budget: '' }, settings)).toBe('from iron_cage.yaml')
    expect(originOf('args', {}, settings)).toBeNull()
  })
})
