Gem::Specification.new do |s|
  s.name = NAME
  s.version = '1'
end
