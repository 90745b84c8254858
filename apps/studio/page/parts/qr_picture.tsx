// qr_picture.tsx: a QR code as a picture, always dark on white: that is what cameras look for.
import { qr } from "./qr";

export function QrPicture({ words, name }: { words: string; name: string }) {
  const dark = qr(words);
  const size = dark.length + 8; // four modules of quiet all around
  const path = dark.flatMap((row, y) => row.map((on, x) => (on ? `M${x + 4} ${y + 4}h1v1h-1z` : ""))).join("");
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={name}>
      <rect class="paper" width={size} height={size} />
      <path d={path} />
    </svg>
  );
}
