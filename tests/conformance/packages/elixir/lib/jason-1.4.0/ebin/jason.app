{application,jason,
             [{modules,['Elixir.Jason']},
              {vsn,"1.4.0"}]}.
