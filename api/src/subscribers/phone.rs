//! One spelling of a phone number, so that the blind index finds it however it was typed.

/// "+7" and ten digits out of "8 (701) 000-00-00", "7010000000" and the like; none when it is no number of Kazakhstan.
pub fn normal(text: &str) -> Option<String> {
    if text.chars().any(|c| !(c.is_ascii_digit() || c.is_whitespace() || "+-()".contains(c))) {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let ten = match digits.len() {
        11 if digits.starts_with(['7', '8']) => &digits[1..],
        10 if digits.starts_with('7') => &digits,
        _ => return None,
    };
    Some(format!("+7{ten}"))
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn one_spelling() {
        for text in ["8 (701) 234-56-78", "+7 701 234 56 78", "7012345678"] {
            assert_eq!(normal(text).as_deref(), Some("+77012345678"), "{text}");
        }
        for text in ["971240001315", "Абая 10", "701234567"] {
            assert_eq!(normal(text), None, "{text}");
        }
    }
}
