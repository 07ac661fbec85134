//! Long stories through the API alone, under a business date of their own.

mod acts_and_prices;
mod life_of_an_account;
mod month_of_a_city;
mod objects_of_a_contract;
mod office;
mod shared_meter;
mod year_of_a_flat;
