import { AppError } from '../../shared/errors.ts'

const SCRIPT_ENDINGS = ['.py', '.mjs', '.js', '.ts', '.cjs', '.mts']

/** The one file to run; where the files stay where they are, the others need not be taken along. */
export function chooseScript(files: readonly File[]): File {
  const scripts = files.filter((file) => SCRIPT_ENDINGS.some((ending) => file.name.toLowerCase().endsWith(ending)))
  if (scripts.length > 1) {
    const names = scripts.slice(0, 5).map((file) => file.name)
    throw new AppError('INVALID_INPUT', `Several of these files can be run (${names.join(', ')}); drop only the one to start.`)
  }
  const script = scripts[0] ?? files[0]
  if (!script) throw new AppError('INVALID_INPUT', 'No file was dropped; drop a script.')
  return script
}

export async function toUpload(file: File): Promise<{ name: string; contentBase64: string }> {
  return { name: file.name, contentBase64: await readBase64(file) }
}

function readBase64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => {
      const url = String(reader.result)
      resolve(url.slice(url.indexOf(',') + 1))
    }
    reader.onerror = () => {
      reject(new AppError('INVALID_INPUT', `"${file.name}" cannot be read: it is a folder, or it has gone. Drop the script file itself.`))
    }
    reader.readAsDataURL(file)
  })
}
