package mailkit_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/mail"
	"time"

	"example.com/plinth/kit/mailkit"
)

func Example() {
	sender, err := mailkit.NewSender("smtp://127.0.0.1:9", time.Now, rand.Reader, mailkit.Options{
		From: mail.Address{Name: "Shop", Address: "no-reply@shop.example"}, RequireTLS: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer sender.Close()
	err = sender.Send(context.Background(), mailkit.Message{
		To: "ada@example.com\r\nBcc: eve@example.com", Subject: "Hello", Text: "Hello, Ada", HTML: "<p>Hello, Ada",
	})
	fmt.Println(errors.Is(err, mailkit.ErrRejected))
	// Output: true
}
