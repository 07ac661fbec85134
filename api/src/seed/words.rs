//! The word lists of the demo city: districts, streets, names.

use std::collections::HashMap;

/// A district (район) in three languages.
pub struct District {
    pub id: i64,
    pub code: &'static str,
    pub kk: &'static str,
    pub ru: &'static str,
    pub en: &'static str,
}

/// A street with the district of most of its houses.
pub struct Street {
    pub district: i64,
    /// Apartment buildings stand here.
    pub apartments: bool,
    /// Private houses stand here.
    pub private: bool,
    pub kk: &'static str,
    pub ru: &'static str,
}

/// Names of one people: given names, fathers, family names.
pub struct People {
    pub men: Vec<&'static str>,
    pub women: Vec<&'static str>,
    pub families: Vec<&'static str>,
}

pub struct Words {
    pub districts: Vec<District>,
    pub streets: Vec<Street>,
    pub kazakh: People,
    pub russian: People,
    pub uighur: People,
    pub korean: People,
    /// Stems of Russian patronymics: «Сергеев» makes «Сергеевич» and «Сергеевна».
    pub fathers: Vec<&'static str>,
    pub firms: Vec<&'static str>,
    pub schools: Vec<String>,
}

impl Words {
    pub fn load() -> Self {
        let districts: Vec<District> = lines(include_str!("data/districts.txt"))
            .zip(1..)
            .map(|([code, kk, ru, en], id)| District { id, code, kk, ru, en })
            .collect();
        let id_of: HashMap<&str, i64> = districts.iter().map(|d| (d.code, d.id)).collect();
        let streets = lines(include_str!("data/streets.txt"))
            .map(|[district, kinds, kk, ru]| Street {
                district: id_of[district],
                apartments: kinds.contains('a'),
                private: kinds.contains('p'),
                kk,
                ru,
            })
            .collect();
        let sections = sections(include_str!("data/names.txt"));
        let people = |word: &str| People {
            men: sections[format!("{word} man").as_str()].clone(),
            women: sections[format!("{word} woman").as_str()].clone(),
            families: sections[format!("{word} family").as_str()].clone(),
        };
        Self {
            kazakh: people("kk"),
            russian: people("ru"),
            uighur: people("ug"),
            korean: people("ko"),
            fathers: sections["ru father"].clone(),
            firms: sections["firm"].clone(),
            schools: sections["school"].iter().map(|name| name.replace('_', " ")).collect(),
            districts,
            streets,
        }
    }
}

/// Lines of four fields parted by semicolons; `#` begins a comment.
fn lines(text: &'static str) -> impl Iterator<Item = [&'static str; 4]> {
    text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(|line| {
        let fields: Vec<&str> = line.split(';').map(str::trim).collect();
        fields.try_into().unwrap_or_else(|_| panic!("four fields are expected: {line}"))
    })
}

/// `[name]` begins a list of words parted by blanks.
fn sections(text: &'static str) -> HashMap<&'static str, Vec<&'static str>> {
    let mut sections: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut current = "";
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(name) => current = name,
            None => sections.entry(current).or_default().extend(line.split_whitespace()),
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_lists_are_whole_and_without_doubles() {
        let words = Words::load();
        assert_eq!(words.districts.len(), 8);
        assert!(words.streets.len() >= 120);
        let mut seen = HashSet::new();
        for street in &words.streets {
            assert!(seen.insert(street.kk) && seen.insert(street.ru), "{} twice", street.ru);
            assert!(street.apartments || street.private, "{} has no houses", street.ru);
        }
        for district in &words.districts {
            assert!(words.streets.iter().any(|s| s.district == district.id && s.apartments));
            assert!(words.streets.iter().any(|s| s.district == district.id && s.private));
        }
    }
}
