//! Long stories through the API alone, under a business date of their own.

mod life_of_an_account;
mod month_of_a_city;
