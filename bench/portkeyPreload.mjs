// Loaded before Portkey's gateway. It would listen on all interfaces: here it is reached from this machine only, and prints its URL.
import { Server } from 'node:net'

const { listen } = Server.prototype
Server.prototype.listen = function listenOnLoopback(port, ...rest) {
  this.once('listening', () => console.log(`\nhttp://127.0.0.1:${this.address().port}`))
  const callback = rest.findLast((argument) => typeof argument === 'function')
  return listen.call(this, { port: Number(port), host: '127.0.0.1' }, callback)
}

// Under Node 24 it answers every stream with 500, for it appends to headers that fetch made immutable; a copy's can be appended to.
const { fetch: nodeFetch, Response: NodeResponse } = globalThis
globalThis.fetch = async function fetchStreamsThatCanBeChanged(...request) {
  const response = await nodeFetch(...request)
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
  return isStream ? new NodeResponse(response.body, response) : response
}
