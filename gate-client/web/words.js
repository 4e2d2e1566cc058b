// @ts-check
// What the page says, in both languages. Staff read what to do; sentences about a ticket come from the gate.

/** @typedef {"ja" | "en"} Language */
/** @typedef {{ ja: string, en: string }} Text */

/** @type {Record<string, Text>} */
const WORDS = {
  admit: { ja: "どうぞ", en: "GO" },
  exit: { ja: "退場", en: "EXIT" },
  review: { ja: "確認", en: "CHECK" },
  deny: { ja: "不可", en: "STOP" },
  again: { ja: "もう一度", en: "AGAIN" },
  ready: { ja: "読み取り待ち", en: "Ready to scan" },
  ready_exit: { ja: "退場の読み取り待ち", en: "Ready to scan guests out" },
  starting: { ja: "準備中", en: "Starting" },
  stopped: { ja: "停止中", en: "STOPPED" },
  gone: { ja: "改札プログラムが止まっています。係を呼んでください", en: "The gate program has stopped. Call a supervisor" },

  online: { ja: "オンライン", en: "Online" },
  hub: { ja: "会場内ハブ", en: "Hub" },
  alone: { ja: "単独", en: "On its own" },
  refused: { ja: "使用停止", en: "Not accepted" },
  unsynced: { ja: "未送信", en: "to send" },
  clock_good: { ja: "時計 良", en: "Clock good" },
  clock_check: { ja: "時計を確認", en: "Check the clock" },

  yes: { ja: "はい", en: "Yes" },
  no: { ja: "いいえ", en: "No" },
  persons: { ja: "名", en: "persons" },
  override: { ja: "責任者が入場させる", en: "Let in (lead)" },
  next: { ja: "次へ", en: "Next" },
  cancel: { ja: "やめる", en: "Cancel" },
  ok: { ja: "決定", en: "OK" },

  menu: { ja: "メニュー", en: "Menu" },
  close: { ja: "閉じる", en: "Close" },
  language: { ja: "English", en: "日本語" },
  type_code: { ja: "コードを入力", en: "Type a code" },
  search: { ja: "探す", en: "Look up" },
  search_for: { ja: "番号か名前", en: "Number or name" },
  undo: { ja: "直前の読み取りを取り消す", en: "Take the last scan back" },
  scan_in: { ja: "入場に切り替える", en: "Scan guests in" },
  scan_out: { ja: "退場に切り替える", en: "Scan guests out" },
  sign_in: { ja: "担当者", en: "Sign in" },
  sign_out: { ja: "担当を終える", en: "Sign out" },
  operator: { ja: "担当者番号", en: "Your number" },
  pin: { ja: "暗証番号", en: "PIN" },
  close_lane: { ja: "このレーンを閉じる", en: "Close this lane" },
  history: { ja: "最近の読み取り", en: "Last scans" },
  nothing_yet: { ja: "まだありません", en: "None yet" },
  details: { ja: "くわしく", en: "Details" },
  tickets: { ja: "チケット", en: "Tickets" },
  ledger: { ja: "台帳", en: "Ledger" },
  journal: { ja: "記録", en: "Journal" },
  leased: { ja: "このレーンの券", en: "Tickets of this lane" },
  rules: { ja: "規則の版", en: "Rules" },
  clock: { ja: "時計", en: "Clock" },
  why: { ja: "理由", en: "Reason" },
  known: { ja: "本人と分かる", en: "I know them" },
  fault: { ja: "機器の不具合", en: "A device failed" },
  courtesy: { ja: "配慮", en: "Courtesy" },
  organiser: { ja: "主催者の指示", en: "The organiser says so" },
  safety: { ja: "安全のため", en: "For safety" },
};

/** @param {string} key @param {Language} language */
export const word = (key, language) => WORDS[key]?.[language] ?? key;

/** @returns {Language} */
export function chosen() {
  const kept = localStorage.getItem("language");
  if (kept === "ja" || kept === "en") return kept;
  return navigator.language.startsWith("ja") ? "ja" : "en";
}

/** @param {Language} language */
export function choose(language) {
  localStorage.setItem("language", language);
}
