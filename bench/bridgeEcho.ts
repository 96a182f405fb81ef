import { createServer } from 'node:net'

/** The least that a bridge can be: a local socket that reads lines and answers questions with themselves. */
const path = process.argv[2] as string
createServer((socket) => {
  let begun = ''
  socket.on('data', (chunk) => {
    const lines = (begun + chunk.toString()).split('\n')
    begun = lines.pop() ?? ''
    const answers = lines.filter((line) => line.includes('"ask"'))
    if (answers.length > 0) socket.write(`${answers.join('\n')}\n`)
  })
  socket.on('error', () => undefined)
}).listen(path, () => console.log('listening'))
