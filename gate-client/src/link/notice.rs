//! What staff or the log should know besides verdicts: a stable code and a sentence in both
//! languages, with numbers for machines.

use kaisatsu_shared::{
    bundle::Policy,
    id::{Epoch, Serial},
};
use serde_json::{Map, Value, json};

use crate::{engine::LinkState, store::StoreError};

use super::Failure;

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Notice {
    /// The stable code.
    pub(crate) code: String,
    /// For staff, in Japanese.
    pub(crate) ja: String,
    /// For staff, in English.
    pub(crate) en: String,
    /// Numbers and names, for machines.
    pub(crate) data: Map<String, Value>,
}

impl Notice {
    /// A message without data.
    pub(crate) fn new(code: &str, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code: code.to_owned(), ja: ja.into(), en: en.into(), data: Map::new() }
    }

    /// Adds a field for machines.
    #[must_use]
    pub(crate) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.data.insert(key.to_owned(), value.into());
        self
    }

    /// The link is now like this, in an event of this policy if its rules are known.
    pub(crate) fn link(state: LinkState, policy: Option<Policy>) -> Self {
        let (ja, en) = match (state, policy) {
            (LinkState::Online, _) => ("サーバーにつながっています", "Connected to the server"),
            (LinkState::Hub, Some(Policy::OnlineOnly)) => (
                "サーバーにつながりません。つながるまで入場できません",
                "No connection. Nobody is admitted here until it is back",
            ),
            (LinkState::Hub, _) => (
                "サーバーにつながりません。会場のハブで確認を続けます",
                "No connection to the server. The venue's hub decides",
            ),
            (LinkState::Alone, Some(Policy::Available)) => (
                "サーバーにつながりません。この端末だけで確認を続けます",
                "No connection. This gate goes on alone",
            ),
            (LinkState::Alone, Some(Policy::OnlineOnly)) => (
                "サーバーにつながりません。つながるまで入場できません",
                "No connection. Nobody is admitted here until it is back",
            ),
            (LinkState::Alone, Some(Policy::Strict)) => (
                "サーバーにつながりません。この端末に割り当てられた券だけを確認します",
                "No connection. This gate admits only what was leased to it",
            ),
            (LinkState::Alone, None) => (
                "サーバーにつながりません。催しの設定が届くまで使えません",
                "No connection. This gate waits for the event's rules",
            ),
            (LinkState::Refused, _) => (
                "サーバーがこの端末を受け付けません。使わずに係を呼んでください",
                "The server doesn't accept this gate. Stop using it and call a supervisor",
            ),
        };
        Self::new("link", ja, en).with("link", json!(state))
    }

    /// The server refused a request; its own sentence says why.
    pub(crate) fn refused(failure: &Failure) -> Self {
        let code = failure.code().unwrap_or("answer_unreadable");
        let en = match failure {
            Failure::Problem(problem) => problem.title.clone(),
            other => format!("{other}; update the gate"),
        };
        Self::new(code, format!("サーバーが要求を断りました。係を呼んでください（{code}）"), en)
    }

    /// The gate's clock is off by `millis` against the server's; positive is ahead.
    pub(crate) fn clock(millis: i64) -> Self {
        let seconds = millis.unsigned_abs().div_ceil(1_000);
        let (ja, en) = if millis > 0 { ("進んで", "ahead") } else { ("遅れて", "behind") };
        Self::new(
            "clock_off",
            format!("端末の時計が約{seconds}秒{ja}います。時刻を合わせてください"),
            format!("This gate's clock is about {seconds} s {en}. Set it right"),
        )
        .with("offset_ms", millis)
    }

    /// A signed time isn't gone by.
    pub(crate) fn time(error: crate::time::Refused) -> Self {
        Self::new(
            error.code(),
            "サーバーの時刻を確かめられません。係を呼んでください",
            format!("The server's time isn't believed: {error}"),
        )
    }

    /// An own admission was one too many.
    pub(crate) fn conflict(serial: Serial, number: u64) -> Self {
        Self::new(
            "conflict",
            format!("二重入場：チケット{serial}は別の入場口でも使用済み。係に知らせてください"),
            format!(
                "Double entry: ticket {serial} was used at another gate too. Tell a supervisor"
            ),
        )
        .with("serial", serial.0)
        .with("number", number)
    }

    /// The server found times in the journal that can't be.
    pub(crate) fn times_doubted(entries: &[u64]) -> Self {
        let count = entries.len();
        Self::new(
            "times_doubted",
            format!("この端末の時計が狂っていた記録が{count}件あります。係に知らせてください"),
            format!("This gate's clock was wrong for {count} records. Tell a supervisor"),
        )
        .with("entries", entries.to_vec())
    }

    /// The ledger can't be followed.
    pub(crate) fn history(why: &str) -> Self {
        Self::new(
            "history_differs",
            "サーバーの台帳がこの端末の記録と合いません。係を呼んでください",
            "The server's ledger doesn't continue this gate's. Tell the admin before going on",
        )
        .with("why", why)
    }

    /// The server was restored; this gate follows its new ledger.
    pub(crate) fn restored(epoch: Epoch) -> Self {
        Self::new(
            "server_restored",
            "サーバーが復旧されました。この端末の記録を渡しました",
            "The server was restored. This gate has given it what it had",
        )
        .with("epoch", epoch.0)
    }

    /// The server lacks what it signed, and nobody has said that it was restored.
    pub(crate) fn rolled_back() -> Self {
        Self::new(
            "rolled_back",
            "サーバーが古い状態に戻っています。管理者に知らせてください",
            "The server is back at an older state. Tell the admin",
        )
    }

    /// The server knows another journal under this device's name.
    pub(crate) fn journal_differs() -> Self {
        Self::new(
            "journal_differs",
            "この端末の記録がサーバーの記録と合いません（複製または巻き戻し）。使わずに係を呼んでください",
            "The server has another journal of this gate: its disk was copied or rolled back. Stop using it and call a supervisor",
        )
    }

    /// The event's rules, known from before, can't be used.
    pub(crate) fn rules_refused() -> Self {
        Self::new(
            "bundle_refused",
            "催しの設定を使えません。端末を更新するか、係を呼んでください",
            "This gate's program can't work by the event's rules: update the gate, or call a supervisor",
        )
    }

    /// The root key says that this device is revoked.
    pub(crate) fn revoked() -> Self {
        Self::new(
            "device_revoked",
            "この端末は登録を取り消されました。使わずに、記録の送信が終わるまで電源とネットワークをつないだままにしてください",
            "This gate was revoked. Stop using it, and keep it on and connected until it has delivered its records",
        )
    }

    /// A revoked device has delivered everything and holds nothing any more.
    pub(crate) fn wiped() -> Self {
        Self::new(
            "device_wiped",
            "取り消された端末の記録をすべて送信し、端末から消去しました。また使うには、新しいコードで登録してください",
            "This revoked gate has delivered everything and holds nothing any more. To use it again, enrol it with a new code",
        )
    }

    /// What the gate kept can't be read.
    pub(crate) fn unreadable(error: &StoreError) -> Self {
        Self::new(
            error.code(),
            "この端末の記録を読めません。係を呼んでください",
            format!("This gate's records can't be read: {error}"),
        )
    }

    /// A bundle can't be used.
    pub(crate) fn bundle(error: &kaisatsu_shared::bundle::BundleError) -> Self {
        Self::new(
            "bundle_refused",
            "催しの設定を使えません。端末を更新するか、係を呼んでください",
            error.to_string(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alone_means_what_the_event_has_decided() {
        let alone = |policy| Notice::link(LinkState::Alone, policy).en;
        assert!(alone(Some(Policy::Available)).contains("goes on alone"));
        assert!(alone(Some(Policy::OnlineOnly)).contains("Nobody is admitted"));
        assert!(!alone(None).contains("goes on"));
    }
}
