// sign_in.tsx: asks for a key, and keeps it when the server knows it.
import { useEffect } from "preact/hooks";
import { Field, Form, type Values } from "./parts/form";
import { forgetKey, get, keepKey } from "./server";
import { capital, language, text } from "./words";

interface Props {
  why: string;
  onLanguage: () => void;
  onEnter: () => void;
}

export function SignIn({ why, onLanguage, onEnter }: Props) {
  useEffect(() => void (document.title = "Jataí"));
  async function enter({ key }: Values) {
    keepKey(key.trim());
    try {
      await get("/tenant");
    } catch (error) {
      forgetKey();
      throw error;
    }
    onEnter();
  }
  return (
    <>
      <header>
        <h1>Jataí</h1>
        <div class="row">
          <button type="button" id="language" lang={language() === "pt" ? "en" : "pt-BR"} onClick={onLanguage}>
            {language() === "pt" ? "English" : "Português"}
          </button>
        </div>
      </header>
      <main id="main" class="narrow">
        <h2>{capital(text("sign in"))}</h2>
        {why && (
          <p class="alert" role="alert">
            {why}
          </p>
        )}
        <Form verb={text("enter")} onSubmit={enter}>
          <Field id="key" name={text("key")} type="password" hint="jk_…" needed focus />
        </Form>
        <p class="soft">
          {text("The first start of jatai serve printed one. It stays in this tab only, and is forgotten with it.")}
        </p>
      </main>
    </>
  );
}
