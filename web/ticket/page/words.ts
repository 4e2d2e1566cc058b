// What the page says, in both languages.

import type { Both } from "./opened";

export type Language = keyof Both;

const WORDS = {
  before: { ja: "開場前", en: "Not yet" },
  valid: { ja: "有効", en: "Valid" },
  used: { ja: "入場済み", en: "Admitted" },
  over: { ja: "終了", en: "Over" },
  voided: { ja: "無効", en: "Void" },
  reissued: { ja: "再発行済み", en: "Reissued" },
  unpaid: { ja: "未払い", en: "Unpaid" },
  ask: { ja: "係員へ", en: "Ask staff" },
  unknown: { ja: "開けません", en: "Can't be opened" },
  away: { ja: "電波がありません", en: "No signal" },
  opening: { ja: "開いています", en: "Opening" },

  before_more: { ja: "{0} から入場できます", en: "Admission from {0}" },
  valid_more: { ja: "入場口で、この画面をお見せください", en: "Show this screen at the gate" },
  again_more: { ja: "前回の入場 {0}", en: "Last admission {0}" },
  used_more: { ja: "退場のときも、この画面をお見せください", en: "Show this screen again when you leave" },
  over_more: { ja: "{0} で終了しました", en: "Ended {0}" },
  voided_more: {
    ja: "このチケットでは入場できません。お心当たりがない場合は主催者にお問い合わせください",
    en: "This ticket admits nobody. If you don't know why, ask the organiser",
  },
  reissued_more: {
    ja: "新しいチケットが発行されています。新しいリンクからお開きください",
    en: "A newer ticket was issued. Open it by the newer link",
  },
  unpaid_more: { ja: "お支払いがまだ確認できていません", en: "The payment hasn't arrived yet" },
  ask_more: { ja: "入場口で係員にお声がけください", en: "Please speak to staff at the gate" },
  unknown_more: {
    ja: "リンクが途中で切れているかもしれません。届いたメールからもう一度お開きください",
    en: "The link may be cut short. Open it again from the message you got",
  },
  away_more: {
    ja: "最初の一度だけ、電波のある所でお開きください。その後は電波がなくても表示されます",
    en: "Open it once where there is signal. From then on it works without",
  },

  clock_more: {
    ja: "端末の時計が変わったようです。電波のある所で開き直してください",
    en: "This phone's clock seems changed. Open the page again where there is signal",
  },
  outside_more: {
    ja: "コードを更新できません。電波のある所で開き直してください",
    en: "The code can't be renewed. Open the page again where there is signal",
  },
  offline: { ja: "電波なしで表示中", en: "Shown without signal" },
  number: { ja: "番号 {0}", en: "No. {0}" },
  of: { ja: "{0} / {1} 枚目", en: "Ticket {0} of {1}" },
  previous: { ja: "前のチケット", en: "Previous ticket" },
  next: { ja: "次のチケット", en: "Next ticket" },
  code: { ja: "入場用の QR コード。10 秒ごとに変わります", en: "QR code for admission. It changes every 10 seconds" },
  code_still: { ja: "入場用の QR コード", en: "QR code for admission" },
  colour: { ja: "本日の色 {0}", en: "Today's colour: {0}" },
  print: { ja: "印刷する", en: "Print" },
  language: { ja: "English", en: "日本語" },
  title: { ja: "チケット", en: "Ticket" },

  in_app: {
    ja: "アプリ内のブラウザーで開いています。電波がない所でも使えるよう、いつものブラウザーでお開きください",
    en: "This is an app's own browser. To have the ticket without signal, open it in your usual browser",
  },
  in_app_open: { ja: "いつものブラウザーで開く", en: "Open in my browser" },
  in_app_copy: { ja: "リンクをコピー", en: "Copy the link" },
  in_app_copied: { ja: "コピーしました。ブラウザーに貼り付けてください", en: "Copied. Paste it into your browser" },
} satisfies Record<string, Both>;

export type Word = keyof typeof WORDS;

/** The words for `word`, with `{0}` and so on filled in. */
export function say(word: Word, language: Language, ...values: string[]): string {
  return WORDS[word][language].replace(/\{(\d)\}/g, (_, at: string) => values[Number(at)] ?? "");
}

/** A name as far as it exists in that language. */
export const named = (name: Both, language: Language): string => name[language] || name.ja || name.en;

/** The browser's language, until somebody switched. */
export function chosen(): Language {
  const kept = remembered();
  if (kept === "ja" || kept === "en") return kept;
  return navigator.language.startsWith("ja") ? "ja" : "en";
}

export function choose(language: Language): void {
  try {
    localStorage.setItem("language", language);
  } catch {
    // Without a store the switch holds as long as the page.
  }
}

function remembered(): string | null {
  try {
    return localStorage.getItem("language");
  } catch {
    return null;
  }
}
