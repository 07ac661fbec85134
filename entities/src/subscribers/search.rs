//! What a person types into the search box, taken apart.

/// Words of a name or street, and the numbers after them: house, then flat.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    words: Vec<String>,
    numbers: Vec<String>,
}

/// Words that stand in addresses and find nothing.
const NOISE: &[&str] = &[
    "ул",
    "улица",
    "пр",
    "проспект",
    "дом",
    "д",
    "кв",
    "квартира",
    "үй",
    "пәтер",
    "г",
    "алматы",
    "көшесі",
    "даңғылы",
];

impl Words {
    pub fn of(text: &str) -> Self {
        let mut found = Self::default();
        let parts = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '.' | ';' | '-' | '№'));
        for part in parts.map(|p| p.trim_matches(|c: char| !c.is_alphanumeric())).filter(|p| !p.is_empty()) {
            if part.starts_with(|c: char| c.is_ascii_digit()) {
                found.numbers.push(part.to_owned());
            } else if !NOISE.contains(&part.to_lowercase().as_str()) {
                found.words.push(part.to_owned());
            }
        }
        found
    }

    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// All the words as one.
    pub fn text(&self) -> Option<String> {
        (!self.words.is_empty()).then(|| self.words.concat())
    }

    pub fn house(&self) -> Option<String> {
        self.numbers.first().cloned()
    }

    pub fn flat(&self) -> Option<String> {
        self.numbers.get(1).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_street_house_flat() {
        let words = Words::of("ул. Абая, д. 10/2, кв. 15");
        assert_eq!(words.text().as_deref(), Some("Абая"));
        assert_eq!((words.house().as_deref(), words.flat().as_deref()), (Some("10/2"), Some("15")));
        assert_eq!(Words::of("Абай 10-15"), Words::of("Абай даңғылы, 10, 15"));
    }
}
