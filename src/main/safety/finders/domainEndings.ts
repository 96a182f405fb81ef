/** Endings after which an address ends, whatever follows without a space. */
export const COMMON_ENDINGS: ReadonlySet<string> = new Set(
  (
    'com org net edu gov mil int info biz name pro io co ai app dev me tv cc us uk ca au nz ie de fr es it nl be lu ch at se no dk fi is ' +
    'pl pt cz sk hu ro bg gr ee lv lt eu ru ua tr in pk jp cn kr tw hk sg my th vn id ph br mx ar cl pe za ng ke eg il ae sa ir ' +
    'online site tech cloud xyz shop store example test invalid'
  ).split(' '),
)

/** What a name ends with that is a file's: none of them is a domain's. */
export const FILE_ENDINGS: ReadonlySet<string> = new Set(
  (
    'png jpg jpeg gif webp svg ico bmp avif heic tif tiff psd pdf txt csv tsv log html htm xhtml css scss sass less js mjs cjs jsx ts mts ' +
    'cts tsx vue json jsonl yaml yml toml xml lock map wasm woff otf ttf eot mp3 wav ogg mkv webm avi exe dll dylib jar war tar gz tgz bz2 ' +
    'rar deb rpm dmg iso doc docx xls xlsx ppt pptx odt rtf tex java kt cpp hpp rb php swift sql bak tmp orig patch diff conf cfg ini env'
  ).split(' '),
)
