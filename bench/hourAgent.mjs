/** The part of an agent's work that needs a process of its own: calls of a model through the gateway, and lines in its terminal. */

const [callEveryMs, lineEveryMs] = process.argv.slice(2).map(Number)
const url = `${process.env.OPENAI_BASE_URL}/chat/completions`
let number = 0

async function call() {
  number += 1
  const contact = number % 20 === 0 ? ` Write to lead${number}@company.example.` : ''
  const body = JSON.stringify({ model: 'gpt-4o-mini', max_tokens: 50, messages: [{ role: 'user', content: `Write to Company ${number} about its order.${contact}` }] })
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${process.env.OPENAI_API_KEY ?? 'sk-invented'}` }, body })
  await answer.text()
}

setInterval(() => void call().catch((problem) => console.error(String(problem))), callEveryMs)
let line = 0
setInterval(() => console.log(`\u001B[36mlead ${++line}\u001B[0m enriched, scored and written to the sheet of today`), lineEveryMs)
