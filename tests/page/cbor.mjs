// cbor.mjs: just enough CBOR (RFC 8949) to speak as a device: unsigned numbers, text, bytes, arrays, Maps.
//
//     cbor(new Map([[0, 1], [2, "bench_m4"]]))            Buffer
function head(major, n) {
  if (n < 24) return Buffer.from([(major << 5) | n]);
  if (n < 256) return Buffer.from([(major << 5) | 24, n]);
  const bytes = Buffer.alloc(n < 65536 ? 3 : n < 2 ** 32 ? 5 : 9);
  bytes[0] = (major << 5) | (bytes.length === 3 ? 25 : bytes.length === 5 ? 26 : 27);
  if (bytes.length === 3) bytes.writeUInt16BE(n, 1);
  else if (bytes.length === 5) bytes.writeUInt32BE(n, 1);
  else bytes.writeBigUInt64BE(BigInt(n), 1);
  return bytes;
}

export function cbor(value) {
  if (typeof value === "number") return head(0, value);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, item]) => [cbor(key), cbor(item)])]);
}
