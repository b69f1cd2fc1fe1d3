module example.invalid/shop

go 1.21

toolchain go1.22.3

require example.invalid/apple v1.2.3

require (
	example.invalid/pear v2.5.0+incompatible // indirect
	"example.invalid/plum" v0.0.0-20210101000000-abcdefabcdef
	example.invalid/local v1.0.0
	example.invalid/broken
)

replace example.invalid/plum => example.invalid/fork/plum v0.2.0

replace (
	example.invalid/local v1.0.0 => ./local
	example.invalid/pear v9.9.9 => example.invalid/never v1.0.0
)
