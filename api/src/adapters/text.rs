//! Bytes of counterparties as text.

use encoding_rs::{IBM866, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1251};

/// UTF-8, UTF-16 with a mark, else what programs here have always written: windows-1251, or CP866 where a 1C file says `DOS`.
pub fn decode(bytes: &[u8]) -> String {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes)
        && [UTF_8, UTF_16LE, UTF_16BE].contains(&encoding)
    {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            let old = if says_dos(bytes) { IBM866 } else { WINDOWS_1251 };
            old.decode_without_bom_handling(bytes).0.into_owned()
        }
    }
}

/// `Кодировка=DOS` in its own code page: the latin word after an equals sign, in the head of the file.
fn says_dos(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(512)];
    head.windows(4).any(|word| word.eq_ignore_ascii_case(b"=DOS"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_new_programs_are_understood() {
        let text = "Кодировка=Windows\r\nПлательщик=Ерлан";
        assert_eq!(decode(text.as_bytes()), text);
        assert_eq!(decode(&[&b"\xEF\xBB\xBF"[..], text.as_bytes()].concat()), text);
        assert_eq!(decode(&WINDOWS_1251.encode(text).0), text);
        let dos = "Кодировка=DOS\r\nПлательщик=Ерлан";
        assert_eq!(decode(&IBM866.encode(dos).0), dos);
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&[b"\xFF\xFE".to_vec(), wide].concat()), text);
    }
}
