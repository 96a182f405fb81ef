import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** What the source says of the members of a type: by `budget.raise input`, `budget.raise output`, or the name of a shape. */
export type Remarks = ReadonlyMap<string, ReadonlyMap<string, string>>

/** A type stands where it is written; what is taken over from another one has its words there. */
export function readRemarks(files: readonly string[]): Remarks {
  const remarks = new Map<string, Map<string, string>>()
  const note = (owner: string, type: ts.Node): void => {
    const words = membersOf(type)
    if (words.size > 0) remarks.set(owner, words)
  }
  for (const file of files) {
    const source = ts.createSourceFile(file, readFileSync(fileURLToPath(file), 'utf8'), ts.ScriptTarget.Latest, true)
    const visit = (node: ts.Node): void => {
      if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer && isExported(node)) note(node.name.text, node.initializer)
      if (ts.isPropertyAssignment(node) && ts.isStringLiteral(node.name)) {
        for (const part of partsOfCommand(node.initializer)) note(`${node.name.text} ${part.name.getText()}`, part.initializer)
      }
      ts.forEachChild(node, visit)
    }
    visit(source)
  }
  return remarks
}

function isExported(node: ts.VariableDeclaration): boolean {
  const statement = node.parent.parent
  return ts.isVariableStatement(statement) && (statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false)
}

/** `input`, `output` and `item` of `command({ … })` or `stream({ … })`. */
function partsOfCommand(node: ts.Expression): ts.PropertyAssignment[] {
  if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression) || !['command', 'stream'].includes(node.expression.text)) return []
  const [entry] = node.arguments
  if (!entry || !ts.isObjectLiteralExpression(entry)) return []
  return entry.properties.filter(ts.isPropertyAssignment).filter(({ name }) => ['input', 'output', 'item'].includes(name.getText()))
}

/** The words above the members of `z.object({ … })` or `z.strictObject({ … })`, whatever is called on that. */
function membersOf(type: ts.Node): Map<string, string> {
  if (!ts.isCallExpression(type)) return new Map()
  const [first] = type.arguments
  const callee = type.expression
  if (ts.isPropertyAccessExpression(callee) && /^(?:strictObject|object)$/.test(callee.name.text) && first && ts.isObjectLiteralExpression(first)) {
    return new Map(first.properties.flatMap((member) => wordsAbove(member)))
  }
  return ts.isPropertyAccessExpression(callee) ? membersOf(callee.expression) : new Map()
}

function wordsAbove(member: ts.ObjectLiteralElementLike): [string, string][] {
  const text = ts.getJSDocCommentsAndTags(member).map(({ comment }) => (typeof comment === 'string' ? comment : '')).join(' ').replace(/\s+/g, ' ').trim()
  return member.name && text !== '' ? [[member.name.getText().replace(/['"]/g, ''), text]] : []
}
