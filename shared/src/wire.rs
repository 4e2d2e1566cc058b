//! Fixed binary layouts: big-endian fields in order, no padding, no optional spelling. A byte
//! string decodes in exactly one way or not at all, so hashing the bytes hashes the meaning.

/// Why bytes aren't the layout they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The bytes end before the layout does.
    #[error("the bytes end too early")]
    Truncated,
    /// Bytes follow after the layout's end.
    #[error("bytes follow after the end")]
    TrailingBytes,
    /// A field holds a value the layout doesn't know.
    #[error("the field {0} has an unknown value")]
    Unknown(&'static str),
    /// A list is longer than its layout allows.
    #[error("the list {0} is too long")]
    TooLong(&'static str),
    /// The layout's version is newer than this program.
    #[error("version {0} is newer than this program; update it")]
    Version(u8),
}

/// Writes a layout into a growing buffer.
#[derive(Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// An empty buffer with room for `capacity` bytes.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity))
    }

    /// Appends one byte.
    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.0.push(value);
        self
    }

    /// Appends two bytes, big-endian.
    pub fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Appends four bytes, big-endian.
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Appends eight bytes, big-endian.
    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Appends bytes as they are.
    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.0.extend_from_slice(value);
        self
    }

    /// The finished buffer.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Reads a layout from the front of a byte string.
#[derive(Clone, Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// [`WireError::Truncated`] if fewer are left.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or(WireError::Truncated)?;
        self.0 = rest;
        Ok(*head)
    }

    /// The next byte.
    ///
    /// # Errors
    /// [`WireError::Truncated`] if none is left.
    pub fn u8(&mut self) -> Result<u8, WireError> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// The next two bytes as a big-endian number.
    ///
    /// # Errors
    /// [`WireError::Truncated`] if fewer are left.
    pub fn u16(&mut self) -> Result<u16, WireError> {
        self.array().map(u16::from_be_bytes)
    }

    /// The next four bytes as a big-endian number.
    ///
    /// # Errors
    /// [`WireError::Truncated`] if fewer are left.
    pub fn u32(&mut self) -> Result<u32, WireError> {
        self.array().map(u32::from_be_bytes)
    }

    /// The next eight bytes as a big-endian number.
    ///
    /// # Errors
    /// [`WireError::Truncated`] if fewer are left.
    pub fn u64(&mut self) -> Result<u64, WireError> {
        self.array().map(u64::from_be_bytes)
    }

    /// Everything not read yet; the reader is then at its end.
    pub const fn rest(&mut self) -> &'a [u8] {
        let rest = self.0;
        self.0 = &[];
        rest
    }

    /// Checks that nothing is left.
    ///
    /// # Errors
    /// [`WireError::TrailingBytes`] if bytes are left.
    pub const fn finish(self) -> Result<(), WireError> {
        if self.0.is_empty() { Ok(()) } else { Err(WireError::TrailingBytes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_was_written() {
        let mut writer = Writer::default();
        writer.u8(1).u16(2).u32(3).u64(4).bytes(&[5, 6]);
        let bytes = writer.finish();
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.u8(), Ok(1));
        assert_eq!(reader.u16(), Ok(2));
        assert_eq!(reader.u32(), Ok(3));
        assert_eq!(reader.u64(), Ok(4));
        assert_eq!(reader.clone().finish(), Err(WireError::TrailingBytes));
        assert_eq!(reader.array(), Ok([5, 6]));
        assert_eq!(reader.u8(), Err(WireError::Truncated));
        assert_eq!(reader.finish(), Ok(()));
    }
}
