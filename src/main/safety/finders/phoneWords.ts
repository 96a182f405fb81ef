import type { Vocabulary } from './nearbyWords.ts'

export const PHONE_WORDS: Vocabulary = {
  speaksFor: new Set([
    'phone', 'phones', 'telephone', 'tel', 'telefon', 'mobile', 'mobil', 'mob', 'cell', 'cellphone', 'cellular', 'landline', 'fax', 'pager',
    'call', 'calls', 'calling', 'called', 'dial', 'dialed', 'dialled', 'dialing', 'ring', 'rang', 'text', 'texted', 'texting', 'sms', 'mms',
    'whatsapp', 'viber', 'telegram', 'imessage', 'voicemail', 'hotline', 'helpline', 'callback', 'contact', 'reach', 'reached', 'reachable',
    'ph', 'msisdn', 'handset', 'telefax', 'switchboard', 'extension', 'caller', 'callers', 'ani', 'did',
  ]),
  speaksAgainst: new Set([
    '#', 'order', 'orders', 'invoice', 'invoices', 'id', 'ids', 'uid', 'guid', 'uuid', 'ref', 'reference', 'ticket', 'tickets', 'tracking',
    'sku', 'skus', 'isbn', 'issn', 'ean', 'upc', 'gtin', 'asin', 'timestamp', 'timestamps', 'epoch', 'unix', 'case', 'claim', 'serial', 'part',
    'parts', 'model', 'po', 'confirmation', 'transaction', 'txn', 'build', 'version', 'commit', 'account', 'acct', 'routing', 'customer',
    'member', 'policy', 'zip', 'lot', 'batch', 'license', 'licence', 'badge', 'patent', 'shipment', 'package', 'parcel', 'receipt', 'booking',
    'reservation', 'item', 'product', 'barcode', 'hash', 'checksum', 'seed', 'nonce', 'npi', 'ein', 'duns', 'row', 'rows', 'bytes', 'offset',
    'ip', 'oid', 'pid', 'port', 'price', 'total', 'amount', 'coordinates', 'lat', 'lon', 'lng', 'latitude', 'longitude', 'revision', 'release',
    'job', 'issue', 'bug', 'pull', 'request', 'imei', 'meid', 'vin', 'bates', 'docket', 'record', 'key', 'index', 'folio', 'isrc', 'doi', 'pmid',
  ]),
}
