/** The strongest order of them all, in other big languages. */
export const OTHER_LANGUAGES: readonly RegExp[] = [
  // Spanish, Portuguese, Italian, French: verb, then what was said before.
  /(?<!\p{L})(?:ignor(?:a|e|en|ad)|olvid(?:a|e|en)|descart(?:a|e))(?:\s{1,4}\p{L}{1,12}){0,3}\s{1,4}instrucciones(?:\s{1,4}\p{L}{1,12}){0,2}\s{1,4}(?:anteriores|previas|de arriba)/giu,
  /(?<!\p{L})(?:ignore|ignora|esqueça|esquece|desconsidere)(?:\s{1,4}\p{L}{1,12}){0,3}\s{1,4}instruções(?:\s{1,4}\p{L}{1,12}){0,2}\s{1,4}(?:anteriores|prévias|acima)/giu,
  /(?<!\p{L})(?:ignora|ignorate|dimentica|dimenticate)(?:\s{1,4}\p{L}{1,12}){0,3}\s{1,4}istruzioni(?:\s{1,4}\p{L}{1,12}){0,2}\s{1,4}(?:precedenti|sopra)/giu,
  /(?<!\p{L})(?:ignore[zr]?|oublie[zr]?)(?:\s{1,4}\p{L}{1,12}){0,3}\s{1,4}(?:instructions|consignes)(?:\s{1,4}\p{L}{1,12}){0,2}\s{1,4}(?:précédentes|antérieures|ci-dessus)/giu,
  /(?<!\p{L})(?:ignorier(?:e|t|en sie)|vergiss|vergesst|vergessen sie|missachte)(?:\s{1,4}\p{L}{1,12}){0,3}\s{1,4}(?:vorherigen|bisherigen|vorigen|obigen|früheren|ursprünglichen|vorangegangenen)\s{1,4}(?:anweisungen|instruktionen|befehle|regeln|vorgaben)/giu,
  /(?:忽略|无视|無視|忘记|忘記|忽視)[^。\n]{0,12}(?:指令|指示|提示|说明|說明|规则|規則)/gu,
  /(?:指示|命令|プロンプト|ルール)[^。\n]{0,8}(?:無視|忘れ)/gu,
  /(?<!\p{L})(?:про)?(?:игнорируй|игнорируйте|забудь|забудьте)(?:\s{1,4}\p{L}{1,14}){0,3}\s{1,4}(?:инструкции|указания|предписания|правила)/giu,
]
