import { describe, expect, it } from 'vitest'
import { createTestSimulation } from './testSimulation.ts'

const { ask } = createTestSimulation({ seed: 7 })

async function said(messages: readonly { role: string; content: string }[], more: object = {}): Promise<string> {
  const heard = await ask('chat/completions', { model: 'gpt-4', messages, ...more })
  return heard.json().choices[0].message.content
}

const SCHEMA = { properties: { company: { type: 'string' } }, required: ['company'], type: 'object' }
const MANUAL = `You are Researcher.
You ONLY have access to the following tools, and should NEVER make up tools that are not listed here:

Tool Name: find_company
Tool Arguments: ${JSON.stringify(SCHEMA, null, 2)}
Tool Description: Finds what is known of a company.
Tool Name: send_mail
Tool Arguments: {"type":"object","properties":{}}
Tool Description: Sends mail.

IMPORTANT: Use the following format in your response:

Thought: you should always think about what to do
Action: the action to take, only one name of [find_company, send_mail], just the name, exactly as it's written.
Action Input: the input to the action, just a simple JSON object
Observation: the result of the action

Thought: I now know the final answer
Final Answer: the final answer to the original input question`
const TASK = '\nCurrent Task: Find what is known of the company Acme\n\nBegin! Use the tools available and give your best Final Answer.\n\nThought:'
const start = [
  { role: 'system', content: MANUAL },
  { role: 'user', content: TASK },
]

describe('tools that stand in the prompt', () => {
  it('are used by writing so', async () => {
    expect(await said(start)).toBe('Thought: I should use find_company for this.\nAction: find_company\nAction Input: {"company":"Acme"}')
  })

  it('are used once, and what they found is answered with', async () => {
    const step = 'Thought: I should look.\nAction: find_company\nAction Input: {"company":"Acme"}\nObservation: Acme makes anvils'
    const found = /^Thought: .+\nFinal Answer: Here is what I found: Acme makes anvils\.$/
    expect(await said([...start, { role: 'assistant', content: step }])).toMatch(found)
    const goOn = { role: 'user', content: 'Analyze the tool result. If requirements are met, provide the Final Answer.' }
    expect(await said([...start, { role: 'assistant', content: step }, goOn])).toMatch(found)
  })

  it('are not used for what they are not for', async () => {
    expect(await said([{ role: 'system', content: MANUAL }, { role: 'user', content: 'Current Task: Is the moon round? Answer yes or no.' }])).toMatch(/Final Answer: (Yes|No)$/)
  })

  it('stand in the only message of others, with what was done so far at its end', async () => {
    const prompt = (past: string): string => `Answer the following questions as best you can. You have access to the following tools:

search(query: str) -> str - Looks a city up.

Use the following format:

Question: the input question you must answer
Action: the action to take, should be one of [search]
Action Input: the input to the action
Observation: the result of the action
Final Answer: the final answer to the original input question

Begin!

Question: Look up the city of Vienna
Thought:${past}`
    const user = (content: string) => [{ role: 'user', content }]
    expect(await said(user(prompt('')))).toMatch(/\nAction: search\nAction Input: Look up the city of Vienna$/)
    const past = ' I should search.\nAction: search\nAction Input: Vienna\nObservation: It lies on the Danube\nThought:'
    expect(await said(user(prompt(past)), { stop: ['\nObservation'] })).toMatch(/Final Answer: Here is what I found: It lies on the Danube\.$/)
  })

  it('are read in one pass, however much somebody writes', async () => {
    const flood = `${'one of ['.repeat(5_000)} Action Input: ${'\nObservation: x\nThought:'.repeat(5_000)}`
    expect(await said([{ role: 'user', content: flood }])).toMatch(/\w/)
  })
})
