// dialog.tsx: questions over the page. The browser's own <dialog>: it keeps the focus, and Escape closes it.
//
//     <Ask verb={text("abort")} question={text("abort it?")} danger onYes={() => act(…)} />
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { capital, text } from "../words";

interface DialogProps {
  name: string;
  onClose: () => void;
  children: ComponentChildren;
}

export function Dialog({ name, onClose, children }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    box.current?.showModal();
    return () => before?.focus();
  }, []);
  return (
    <dialog ref={box} aria-labelledby="dialog-name" onClose={onClose}>
      <h3 id="dialog-name">{capital(name)}</h3>
      {children}
    </dialog>
  );
}

interface AskProps {
  verb: string;
  question: string;
  onYes: () => unknown;
  children?: ComponentChildren;
  danger?: boolean;
  id?: string;
}

export function Ask({ verb, question, onYes, children, danger, id }: AskProps) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  const yes = () => {
    close();
    onYes();
  };
  return (
    <>
      <button type="button" id={id} class={danger ? "danger" : undefined} onClick={() => setOpen(true)}>
        {capital(verb)}
      </button>
      {open && (
        <Dialog name={question} onClose={close}>
          {children}
          <div class="row">
            <button type="button" onClick={close}>
              {capital(text("no, go back"))}
            </button>
            <button type="button" class={danger ? "danger full" : "full"} onClick={yes}>
              {capital(verb)}
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
