import { describe, expect, it } from 'vitest'
import { planCosts } from '../costPlan.ts'
import { parseDemoFile } from '../demoFile.ts'
import { modelService, type ModelServiceOptions } from './modelService.ts'

const leads = Array.from({ length: 100 }, (_, index) => ({
  number: index + 1,
  name: `Ivy Invented${index + 1}`,
  role: 'Head of Operations',
  company: `Made-up Works ${index + 1}`,
  domain: `made-up-${index + 1}.example`,
  industry: '',
  employees: '',
}))
const PRICES = { input: 15e9, output: 60e9 }
const TOOLS = ['search_linkedin', 'enrich_clearbit'].map((name) => ({ type: 'function', function: { name, parameters: { type: 'object', properties: {} } } }))

interface Heard {
  status: number
  body: { choices: { message: { content: string | null; tool_calls?: { id: string; function: { name: string; arguments: string } }[] } }[]; usage: Record<string, number>; error?: { message: string } }
}

function createProvider(change: Partial<ModelServiceOptions> = {}) {
  const bill = { total: 0 }
  const costs = planCosts({ file: parseDemoFile('', 'demo.yaml'), leads: 100, keptFrom: 34, warnAt: 85 })
  const service = modelService({
    leads,
    seed: 20,
    bill,
    costs: () => costs,
    prices: () => PRICES,
    count: (_model, texts) => Promise.resolve(Math.ceil(texts.join('').length / 4)),
    accepts: () => true,
    tellsTooMuch: () => false,
    ...change,
  })
  let charged = 0
  async function ask(messages: unknown[], key = 'sk-demo-1'): Promise<Heard> {
    const json = { model: 'o1', max_completion_tokens: 6_000, messages, tools: TOOLS }
    const heard = (await service({ path: '/v1/chat/completions', query: new URLSearchParams(), key, json })) as unknown as Heard
    const { prompt_tokens: input = 0, completion_tokens: output = 0 } = heard.body.usage ?? {}
    charged += (input * PRICES.input + output * PRICES.output) / 1e6
    return heard
  }
  /** Everything that an agent asks about a lead; gives the final text and how many calls it took. */
  async function qualify(number: number, source: string): Promise<{ text: string; calls: number }> {
    const messages: unknown[] = [{ role: 'system', content: 'You qualify leads.' }, { role: 'user', content: `Lead ${number} of 100: Ivy Invented${number}.` }]
    for (let calls = 1; ; calls++) {
      const { message } = (await ask(messages)).body.choices[0] as Heard['body']['choices'][number]
      messages.push({ role: 'assistant', ...message })
      if (message.tool_calls) for (const { id } of message.tool_calls) messages.push({ role: 'tool', tool_call_id: id, content: JSON.stringify({ source }) })
      else if (message.content?.startsWith('MORE:')) messages.push({ role: 'user', content: 'Go on.' })
      else return { text: message.content ?? '', calls }
    }
  }
  return { bill, ask, qualify, costs, charged: () => charged }
}

describe('the model’s stand-in', () => {
  it('asks for both tools, and comes to a verdict with what they answer', async () => {
    const { ask, qualify } = createProvider()
    const first = await ask([{ role: 'user', content: 'Lead 3 of 100: Ivy Invented3.' }])
    const calls = first.body.choices[0]?.message.tool_calls?.map(({ function: { name, arguments: given } }) => [name, JSON.parse(given)])
    expect(calls).toEqual([
      ['search_linkedin', { name: 'Ivy Invented3', company: 'Made-up Works 3' }],
      ['enrich_clearbit', { domain: 'made-up-3.example' }],
    ])
    expect((await qualify(3, 'primary')).text).toMatch(/^Score: \d\/10\nWhy: .+\nLetter: Dear Ivy Invented3, .+$/)
  })

  it('charges to the token what the story says, lead by lead', async () => {
    const { qualify, costs, charged, bill } = createProvider()
    for (let number = 1; number <= 100; number++) {
      const { calls } = await qualify(number, number < 34 ? 'primary' : 'cached')
      expect(calls).toBe(number < 34 ? 2 : 5)
      // A token of an answer is 60,000 nanodollars.
      expect(Math.abs(charged() - costs(number)), `lead ${number}`).toBeLessThanOrEqual(30_000)
    }
    expect(bill.total).toBe(charged())
  })

  it('charges for a lead that is asked about twice no more than once', async () => {
    const { qualify, ask, costs, charged } = createProvider()
    await qualify(1, 'primary')
    await ask([{ role: 'user', content: 'Lead 2 of 100: Ivy Invented2.' }])
    await qualify(2, 'primary')
    expect(Math.abs(charged() - costs(2))).toBeLessThanOrEqual(30_000)
  })

  it('thinks again and again about a lead that is to cost more than an answer can', async () => {
    const costs = planCosts({ file: parseDemoFile('', 'demo.yaml'), leads: 100, keptFrom: 34, warnAt: 5 })
    const { qualify, charged } = createProvider({ costs: () => (lead) => (lead < 5 ? 230_000_000 * lead : costs(5)) })
    for (const lead of [1, 2, 3, 4]) await qualify(lead, 'primary')
    const { calls } = await qualify(5, 'primary')
    expect(calls).toBeGreaterThan(100)
    expect(Math.abs(charged() - 45.03e9)).toBeLessThanOrEqual(30_000)
  })

  it('says too much where it is to, and only there', async () => {
    const { qualify } = createProvider({ tellsTooMuch: (lead) => lead === 67 })
    const texts = await Promise.all([66, 67].map(async (lead) => (await qualify(lead, 'cached')).text))
    expect(texts.map((text) => /@invented\.example.*\(415\) 555-0132.*078-05-1120/.test(text))).toEqual([false, true])
  })

  it('refuses a key that it does not know', async () => {
    const { ask } = createProvider({ accepts: (key) => key === 'sk-demo-2' })
    expect(await ask([{ role: 'user', content: 'Lead 1 of 100' }], 'sk-demo-1')).toMatchObject({ status: 401, body: { error: { message: expect.stringContaining('Incorrect API key') as string } } })
    expect(await ask([{ role: 'user', content: 'Lead 1 of 100' }], 'sk-demo-2')).toMatchObject({ status: 200 })
  })
})
