import type { Vocabulary } from './nearbyWords.ts'

export const PHONE_WORDS: Vocabulary = {
  names: new Set([
    'phone', 'phones', 'phoned', 'telephone', 'tel', 'telefon', 'mobile', 'mobil', 'mob', 'cell', 'cellphone', 'cellular', 'landline', 'fax', 'telefax', 'pager',
    'sms', 'mms', 'whatsapp', 'viber', 'imessage', 'voicemail', 'hotline', 'helpline', 'callback', 'ph', 'msisdn', 'switchboard',
    'caller', 'dial', 'dialed', 'dialled', 'dialing',
  ]),
  asks: new Set([
    'call', 'calls', 'calling', 'called', 'ring', 'rang', 'text', 'texted', 'texting', 'contact', 'reach', 'reached', 'reachable', 'telegram', 'signal',
  ]),
  denies: new Set([
    '#', 'order', 'orders', 'invoice', 'invoices', 'id', 'ids', 'uid', 'guid', 'uuid', 'ref', 'reference', 'ticket', 'tickets', 'tracking',
    'sku', 'skus', 'isbn', 'issn', 'ean', 'upc', 'gtin', 'asin', 'timestamp', 'timestamps', 'epoch', 'unix', 'case', 'claim', 'serial', 'part',
    'parts', 'model', 'po', 'confirmation', 'transaction', 'txn', 'build', 'version', 'commit', 'account', 'acct', 'routing', 'customer',
    'member', 'policy', 'zip', 'lot', 'batch', 'license', 'licence', 'badge', 'patent', 'shipment', 'receipt', 'booking', 'user',
    'reservation', 'item', 'product', 'barcode', 'hash', 'checksum', 'seed', 'nonce', 'npi', 'ein', 'duns', 'row', 'rows', 'bytes', 'offset',
    'ip', 'oid', 'pid', 'port', 'price', 'total', 'amount', 'coordinates', 'lat', 'lon', 'lng', 'latitude', 'longitude', 'revision', 'release',
    'imei', 'meid', 'vin', 'docket', 'folio', 'doi', 'pmid', 'catalog', 'catalogue', 'bib', 'voucher', 'coupon', 'asset', 'ssn', 'tin',
    'equation', 'formula', 'range', 'ratio', 'score', 'count', 'sum', 'quantity', 'qty', 'inventory', 'sn', 'mrn', 'ndc', 'dea',
  ]),
}

/** A number that stands in groups of three, three and four beside whom it is about is a phone's all the same. */
const PEOPLE = new Set(['user', 'customer', 'member'])
export const GROUPED_PHONE_WORDS: Vocabulary = { ...PHONE_WORDS, denies: new Set([...PHONE_WORDS.denies].filter((word) => !PEOPLE.has(word))) }
