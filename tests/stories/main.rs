//! Long stories through the API alone, under a business date of their own.

mod month_of_a_city;
