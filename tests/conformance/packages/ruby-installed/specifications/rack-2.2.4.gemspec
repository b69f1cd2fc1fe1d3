# -*- encoding: utf-8 -*-
# stub: rack 2.2.4 ruby lib

Gem::Specification.new do |s|
  s.name = "rack".freeze
  s.version = "2.2.4"
  s.required_ruby_version = Gem::Requirement.new(">= 2.3.0".freeze)
  s.licenses = ["MIT".freeze]
end
