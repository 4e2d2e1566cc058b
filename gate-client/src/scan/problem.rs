//! The named problems of a scan: a stable code and what staff should do, in Japanese and English.

use super::keyboard::LayoutHint;

/// Why a scan gave no usable text. None of these says anything about the ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}", self.en())]
pub enum ScanProblem {
    /// The scanner types as a keyboard and the host's layout changed the text beyond repair.
    KeyboardLayout {
        /// Which layout it looks like.
        hint: LayoutHint,
    },
    /// The picture shows no QR code that can be read.
    NoCode,
    /// The picture shows several different tickets.
    SeveralCodes,
    /// The file isn't a picture that can be opened.
    Unreadable,
    /// More than [`super::line::MAX_BYTES`] without an end.
    TooLong,
    /// The bytes aren't UTF-8 text.
    NotText,
    /// The scan stopped before its suffix came, or a broken one was followed by another.
    BrokenOff,
    /// The scanner or camera was unplugged; the source waits for it to come back.
    Disconnected,
}

impl ScanProblem {
    /// The stable code, also the key of its texts.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::KeyboardLayout { .. } => "keyboard_layout",
            Self::NoCode => "no_code",
            Self::SeveralCodes => "several_codes",
            Self::Unreadable => "unreadable",
            Self::TooLong => "too_long",
            Self::NotText => "not_text",
            Self::BrokenOff => "broken_off",
            Self::Disconnected => "scanner_disconnected",
        }
    }

    /// What staff should do, in Japanese.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::KeyboardLayout { hint } => match hint {
                LayoutHint::Caps => {
                    "Caps Lockを解除してもう一度読み取り。直らなければスキャナをUSBシリアル(CDC-ACM)モードに切り替え"
                }
                LayoutHint::Jp106 => {
                    "スキャナの文字が日本語配列で崩れています。スキャナをUSBシリアル(CDC-ACM)モードか日本語配列に切り替え"
                }
                LayoutHint::De => {
                    "スキャナの文字がドイツ語配列で崩れています。スキャナをUSBシリアル(CDC-ACM)モードかドイツ語配列に切り替え"
                }
                LayoutHint::Fr => {
                    "スキャナの文字がフランス語配列で崩れています。スキャナをUSBシリアル(CDC-ACM)モードかフランス語配列に切り替え"
                }
                LayoutHint::JapaneseInput => {
                    "日本語入力をオフ(半角英数)にしてもう一度読み取り。直らなければスキャナをUSBシリアル(CDC-ACM)モードに切り替え"
                }
                LayoutHint::Unknown => {
                    "スキャナの文字がキーボード配列で崩れています。スキャナをUSBシリアル(CDC-ACM)モードか端末と同じ配列に切り替え"
                }
            },
            Self::NoCode => "QRコードが読めません。コード全体を大きく、明るく写してもう一度",
            Self::SeveralCodes => "チケットが複数写っています。1枚だけ写してもう一度",
            Self::Unreadable => "画像を開けません。PNG・JPEG・WebPで保存し直してもう一度",
            Self::TooLong => "読み取りが長すぎます。チケットのQRコードか確かめてもう一度",
            Self::NotText => {
                "文字として読めません。チケットのQRコードか確かめ、スキャナの文字コードはUTF-8に設定"
            }
            Self::BrokenOff => {
                "読み取りが途中で切れました。もう一度読み取り。毎回なら、スキャナの末尾文字をEnterに設定"
            }
            Self::Disconnected => "スキャナが外れました。ケーブルを確認して挿し直し",
        }
    }

    /// What staff should do, in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::KeyboardLayout { hint } => match hint {
                LayoutHint::Caps => {
                    "Turn Caps Lock off and scan again. If it stays, switch the scanner to USB serial (CDC-ACM) mode"
                }
                LayoutHint::Jp106 => {
                    "The Japanese keyboard layout changes what the scanner types. Switch the scanner to USB serial (CDC-ACM) mode or to Japanese layout"
                }
                LayoutHint::De => {
                    "The German keyboard layout changes what the scanner types. Switch the scanner to USB serial (CDC-ACM) mode or to German layout"
                }
                LayoutHint::Fr => {
                    "The French keyboard layout changes what the scanner types. Switch the scanner to USB serial (CDC-ACM) mode or to French layout"
                }
                LayoutHint::JapaneseInput => {
                    "Turn Japanese input off and scan again. If it stays, switch the scanner to USB serial (CDC-ACM) mode"
                }
                LayoutHint::Unknown => {
                    "The keyboard layout changes what the scanner types. Switch the scanner to USB serial (CDC-ACM) mode or to this device's layout"
                }
            },
            Self::NoCode => {
                "No code can be read. Show the whole code, large and well lit, and scan again"
            }
            Self::SeveralCodes => {
                "Several tickets are in the picture. Show one only and scan again"
            }
            Self::Unreadable => {
                "The picture can't be opened. Save it as PNG, JPEG or WebP and try again"
            }
            Self::TooLong => {
                "The scan is too long for a ticket. Check that it is a ticket's QR code and scan again"
            }
            Self::NotText => {
                "The scan isn't text. Check that it is a ticket's QR code, and set the scanner to UTF-8"
            }
            Self::BrokenOff => {
                "The scan broke off. Scan again. If it happens each time, set the scanner to send Enter after the code"
            }
            Self::Disconnected => "The scanner is unplugged. Check the cable and plug it in again",
        }
    }
}
