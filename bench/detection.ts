import { measureCorpus } from '../src/main/safety/corpus/measureCorpus.ts'
import { readCorpus } from '../src/main/safety/corpus/readCorpus.ts'
import { createScanner } from '../src/main/safety/scan/createScanner.ts'
import { PrivateType } from '../src/shared/domain/safetyRules.ts'

/** How well private things are found in the corpus, and told from what only looks like them. `node bench/detection.ts` */

const samples = readCorpus()
const scores = measureCorpus(createScanner({ types: new Set(PrivateType.options) }), samples)
const types = scores.map(({ type, found, missed, false: wrong, precision, recall }) => {
  for (const text of missed) console.log(`${type} missed in: ${text}`)
  for (const text of wrong) console.log(`${type} found wrongly in: ${text}`)
  return { type, values: found + missed.length, wrong: wrong.length, precision: Number(precision.toFixed(3)), recall: Number(recall.toFixed(3)) }
})
console.table(types)
const lookAlikes = samples.filter(({ expected }) => expected.length === 0).length
console.log(JSON.stringify({ bench: 'detection', positives: samples.length - lookAlikes, lookAlikes, types }))
