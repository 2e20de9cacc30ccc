module example.com/plinth/tools/scaffold

go 1.26.0
