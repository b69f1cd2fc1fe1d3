module example.invalid/old

go 1.15

require example.invalid/apple v1.2.3
