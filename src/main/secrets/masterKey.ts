/** 32 bytes, as hexadecimal digits. */
export const MASTER_KEY = /^[0-9a-f]{64}$/i
