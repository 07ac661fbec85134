/// A checked ИИН or БИН: twelve digits whose last one is the control digit (law № 223 of 12.01.2007).
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Identification(String);

/// Whose number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentificationKind {
    /// ИИН (ЖСН) of a person.
    Person,
    /// БИН (БСН) of an organisation.
    Organisation,
}

/// Why a number can't be an ИИН or БИН.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIdentification {
    #[error("twelve digits are expected")]
    Shape,
    #[error("the control digit is wrong")]
    ControlDigit,
    #[error("a number with these eleven digits is never issued")]
    NeverIssued,
}

impl Identification {
    /// Blanks inside the number are dropped before the check, as registers carry them.
    pub fn parse(text: &str) -> Result<Self, InvalidIdentification> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if text.len() != 12 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(InvalidIdentification::Shape);
        }
        let digits: Vec<u32> = text.bytes().map(|b| u32::from(b - b'0')).collect();
        match control_digit(&digits[..11]) {
            None => Err(InvalidIdentification::NeverIssued),
            Some(digit) if digit == digits[11] => Ok(Self(text)),
            Some(_) => Err(InvalidIdentification::ControlDigit),
        }
    }

    /// The twelve-digit number made of eleven digits, if such a number can be issued.
    pub fn complete(eleven: &str) -> Option<Self> {
        let digits: Vec<u32> = eleven.chars().map(|c| c.to_digit(10)).collect::<Option<_>>()?;
        let digit = (digits.len() == 11).then(|| control_digit(&digits))??;
        Some(Self(format!("{eleven}{digit}")))
    }

    /// The fifth digit is tens of the day of birth in an ИИН and the type of organisation (4–6) in a БИН.
    pub fn kind(&self) -> IdentificationKind {
        match self.0.as_bytes()[4] {
            b'0'..=b'3' => IdentificationKind::Person,
            _ => IdentificationKind::Organisation,
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Weights 1…11; when the remainder is 10, weights 3…11, 1, 2; ten again means the number is never issued.
fn control_digit(eleven: &[u32]) -> Option<u32> {
    let weighted = |shift: usize| {
        eleven.iter().enumerate().map(|(i, d)| d * (((i + shift) % 11) as u32 + 1)).sum::<u32>() % 11
    };
    [weighted(0), weighted(2)].into_iter().find(|&rest| rest < 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_vector_file() {
        for line in include_str!("vectors/identification.txt").lines() {
            let Some((number, verdict)) = line.split('#').next().and_then(|l| l.trim().split_once(' '))
            else {
                continue;
            };
            let got = match Identification::parse(number) {
                Ok(ok) => match ok.kind() {
                    IdentificationKind::Person => "person",
                    IdentificationKind::Organisation => "organisation",
                },
                Err(InvalidIdentification::Shape) => "shape",
                Err(InvalidIdentification::ControlDigit) => "control_digit",
                Err(InvalidIdentification::NeverIssued) => "never_issued",
            };
            assert_eq!(got, verdict.trim(), "{number}");
        }
    }

    #[test]
    fn blanks_inside_are_forgiven() {
        assert_eq!(Identification::parse("9712 4000 1315").unwrap().as_str(), "971240001315");
    }
}
