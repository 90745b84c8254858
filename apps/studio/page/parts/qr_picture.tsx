// qr_picture.tsx: words as a QR picture, for a camera. The server draws it; the place is kept while it does.
import { useLive } from "../live";
import { send } from "../server";

export function QrPicture({ words, name }: { words: string; name: string }) {
  const drawn = useLive(() => send<{ svg: string }>("POST", "/qr", { words }), [words], 0);
  return (
    <div class="qr">
      {drawn.value && <img alt={name} src={"data:image/svg+xml," + encodeURIComponent(drawn.value.svg)} />}
    </div>
  );
}
